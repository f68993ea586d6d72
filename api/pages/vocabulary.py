"""What pages call the states, kinds and tables of the product: the words, and the tone that repeats them."""

Said = tuple[str, str]
CLAIM_STATES: dict[str, Said] = {
    "held": ("Held", "warn"),
    "ready": ("Ready to send", "info"),
    "queued": ("Queued", "info"),
    "written": ("Written to a file", "info"),
    "sent": ("Sent", "info"),
    "received": ("File taken in", "info"),
    "accepted": ("Accepted by the payer", "info"),
    "rejected": ("Rejected", "bad"),
    "paid": ("Paid", "good"),
    "denied": ("Denied", "bad"),
    "voided": ("Voided", "idle"),
}
VISIT_STATES: dict[str, Said] = {
    "documented": ("Documented", "info"),
    "held": ("Held", "warn"),
    "charged": ("Charged", "good"),
    "void": ("Void", "idle"),
}
REMITTANCE_STATES: dict[str, Said] = {
    "received": ("Waiting to be posted", "info"),
    "quarantined": ("Quarantined", "bad"),
    "posted": ("Posted", "good"),
    "unposted": ("Un-posted", "warn"),
}
OUTCOMES: dict[str, Said] = {
    "waiting": ("Waiting", "info"),
    "posted": ("Posted", "good"),
    "parked": ("Parked: does not add up", "warn"),
    "unmatched": ("No claim of ours", "bad"),
    "information": ("For information", "idle"),
}
SEVERITIES: dict[str, Said] = {
    "blocks": ("Blocks", "bad"),
    "warns": ("Warns", "warn"),
    "informs": ("Informs", "info"),
}
PAYMENT_STATES: dict[str, Said] = {
    "opening": ("Being opened", "info"),
    "opened": ("Open at the card processor", "info"),
    "paid": ("Paid", "good"),
    "expired": ("Expired", "idle"),
    "failed": ("Failed", "bad"),
}
RULE_STATES: dict[str, Said] = {
    "in_force": ("In force", "good"),
    "future": ("To come", "info"),
    "past": ("Past", "idle"),
    "ended": ("Ended", "idle"),
    "withdrawn": ("Withdrawn", "idle"),
}
RISKS: dict[str, Said] = {
    "low": ("May be corrected at once", "info"),
    "high": ("A person decides on evidence", "warn"),
    "not_fixable": ("Not fixable here", "bad"),
}
QUESTION_STATES: dict[str, Said] = {
    "open": ("Waits for an answer", "warn"),
    "answered": ("Answered", "good"),
    "withdrawn": ("Withdrawn", "idle"),
    "settled": ("Settled by the note", "idle"),
}
SUGGESTION_STATES: dict[str, Said] = {
    "open": ("Waits for a person", "warn"),
    "accepted": ("Accepted", "good"),
    "rejected": ("Dismissed", "idle"),
}
CORRECTION_STATES: dict[str, Said] = {
    "applied": ("Applied", "good"),
    "proposed": ("Waits for a reviewer", "warn"),
    "refused": ("Refused", "idle"),
}
STATES = {
    "question": QUESTION_STATES,
    "suggestion": SUGGESTION_STATES,
    "correction": CORRECTION_STATES,
    "rule": RULE_STATES,
    "risk": RISKS,
    "claim": CLAIM_STATES,
    "visit": VISIT_STATES,
    "remittance": REMITTANCE_STATES,
    "outcome": OUTCOMES,
    "finding": SEVERITIES,
    "payment": PAYMENT_STATES,
}
WORK_KINDS = {
    "authorization_missing": "Authorization missing",
    "coverage_ended": "Coverage ended",
    "over_limit": "Over a limit",
    "payment_amount_differs": "Payment differs from its request",
    "payment_unapplied": "Payments set against nothing",
    "statement_disputed": "Disputed statements",
    "answer_unmatched": "Answers that match no claim",
    "billed_differs": "Billed amount differs",
    "units_differ": "Units do not agree",
    "claim_held": "Held claims",
    "clinician_query": "Questions to clinicians",
    "contract_escalates": "Contracts whose rates rise",
    "contract_notice": "Contracts to renew or end",
    "claim_not_writable": "Claims that cannot be written",
    "claim_rejected": "Rejected claims",
    "coverage_missing": "Coverage missing",
    "denial": "Denials",
    "evv_mismatch": "Visit verification to be put right",
    "file_quarantined": "Quarantined files",
    "guarantor_missing": "Guarantor missing",
    "lines_unmatched": "Remittance lines unmatched",
    "medicaid_rebill": "Medicaid to be billed for earlier sessions",
    "medicaid_refund": "Refunds where Medicaid covers",
    "next_payer_due": "Next payer to be asked",
    "claim_forwarded": "Claims passed on by the payer",
    "remittance_differs": "Remittances told in two ways",
    "remittance_parked": "Remittances parked",
    "remittance_quarantined": "Remittances quarantined",
    "remittance_unmatched": "Payments without a claim",
    "repeated_coding": "Repeated errors of coding",
    "repeated_documentation": "Repeated errors of documentation",
    "repeated_payer_setup": "Repeated errors of payer setup",
    "repeated_registration": "Repeated errors of registration",
    "repeated_scheduling": "Repeated errors of scheduling",
    "retro_authorization": "Services without approval",
    "visit_held": "Held sessions",
}
ACCOUNTS = {
    "insurer_1": "first insurer",
    "insurer_2": "second insurer",
    "insurer_3": "third insurer",
    "patient_not_due": "patient, not due yet",
    "patient_due": "patient owes",
    "contractual": "contractual adjustment",
    "unapplied": "patient's payment",
    "take_backs": "taken back by the payer",
}
PACKS = {
    "ncci_ptp": "Procedure pairs (NCCI)",
    "ncci_mue": "Units a day (MUE)",
    "ncci_addon": "Add-on codes (NCCI)",
    "fee_schedule": "Physician fee schedule",
    "gpci": "Locality factors (GPCI)",
    "locality_county": "Counties of localities",
    "icd10cm": "Diagnoses (ICD-10-CM)",
    "procedures": "Procedure codes and their dates",
    "hcpcs": "HCPCS level II",
    "places_of_service": "Places of service",
    "adjustment_codes": "Adjustment and remark codes",
    "thresholds": "Yearly thresholds (KX)",
    "always_therapy": "Always-therapy codes",
    "taxonomy": "Provider taxonomies",
    "descriptions": "Licensed descriptions",
}
FAMILIES = {
    "payer": "Payer's rules",
    "specialty": "Rules of the specialty",
    "history": "What is on record",
    "trend": "Past answers",
}
CONFIRMATIONS = {
    "note_supports": "The note supports it",
    "payer_allows": "The payer allows it",
    "modifier_justified": "The modifier is justified",
    "diagnosis_connects": "The diagnosis connects to it",
}
METHODS = {
    "cms_total_time": "Total timed minutes of the day (CMS)",
    "ama_per_code": "Midpoint of each code (AMA)",
    "strict_15": "Full 15 minutes only",
    "state_rounding": "The state's own rounding",
}
DISCIPLINES = {
    "PT": "Physical therapy",
    "OT": "Occupational therapy",
    "ST": "Speech therapy",
    "SLP": "Speech therapy",
    "BH": "Behavioural health",
    "ABA": "Applied behaviour analysis",
}
