"""One ledger for visits, minutes, days and money: accounts moved by immutable transfers."""
