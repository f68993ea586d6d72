"""Which services of a day are paid beside each other: pairs, most units, add-ons and disciplines."""
