"""One ledger for visits, minutes, days and money: accounts moved by immutable transfers.

It knows owner kinds and ids, no visit and no claim. `session` is the practice door's; nothing here commits.

`entries`     Stamp(practice_id, actor_id, recorded_at)
              AccountRef(owner_kind, owner_id, kind, unit="usd")            kinds: see `chart.CHART`
              Entry(debit, credit, amount, kind, effective_on)              amount > 0, in the unit
              JournalEntry(kind, source, entries, reason=None)              once per round of (kind, source)
              Reversal(journal_id, reason, effective_on=None)
              Posted(new: PostedJournal(id, kind, source, round)…, repeated, reversed, already_reversed)
`posting`     await post(session, stamp, journals, reversals=()) -> Posted  ONE per transaction
              await reverse(session, stamp, journal_ids, reason, *, effective_on=None) -> Posted
`transfers`   GuardBroken(Conflict).accounts                                an account below its floor
`limits`      LimitRef(kind, id, unit)                                      kinds: `chart.LIMIT_KINDS`
              Grant(limit, amount, on, source, reason=None) · Override(…, reason) · Shrink(…, reason)
              Reanchor(limit, change, on, source, reason) · Expire(limit, on, reason=None)
              DrawMove(limit, counted_key, subject_id, stage | None, drawn_on, amount=1, fact=False)
              NothingLeft(Conflict).limit .wanted .available                a booking that does not fit
              Used(posted, draws, affected, available, repeated) · DrawResult(…, stage, over, over_before)
`draws`       await use_limits(session, stamp, steps, *, also=(), reversals=()) -> Used
                  all steps on all limits of the transaction, plus other journals (`also`), in one post
              await lock_limits(session, practice_id, limits) -> {LimitRef: available}   before counting caps
`balances`    await balances(session, practice_id, refs, *, as_of=None, on=None) -> {AccountRef: int}
              await balances_of(session, practice_id, owner_kind, owner_ids) -> {owner id: {AccountRef: int}}
              await standings(session, practice_id, limits, *, as_of=None, on=None) -> {LimitRef: Standing}
              await entries_behind(session, practice_id, ref, *, as_of=None, on=None) -> [EntryBehind]
              await practice_months(session, practice_id, first, last) -> [MonthSum(kind, month, cents)]
`invariants`  await verify(session, practice_id) -> [Broken(check, subject, detail)]
              register_owner(owner_kind, table)                             whose accounts need a row there

Money, as Entry(debit, credit), accounts of a `claim_line` unless said:
  charge           insurer_1, practice revenue
  pay              practice cash, insurer_n               take-back: insurer_n, practice take_backs
  adjust           practice contractual or `write_off:<kind>`, insurer_n
  next payer       insurer_2, insurer_1
  responsibility   patient_not_due, insurer_n             due: `patient_due:<party id>`, patient_not_due
  patient pays     practice cash, payment unapplied       apply: payment unapplied, `patient_due:<party id>`
  refund           payment unapplied, payment refundable  paid: payment refundable, practice refunds
  plan             plan promised, plan scheduled          collect: plan scheduled, plan collected
"""
