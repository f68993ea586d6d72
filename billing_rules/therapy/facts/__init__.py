"""Facts of a claim by area, each a Struct that claim facts hold where somebody knows them."""
