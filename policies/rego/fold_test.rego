package sallyport.fold_test

folded(said) := data.sallyport.fold.folded(min(said), said)

test_nobody_spoke if folded({"8130000"}) == "8130000"

test_a_bar_that_prohibits_is_stronger_than_all if {
	folded({"1100001", "2300001", "5430001", "8130000"}) == "1100001"
}

test_a_bar_that_reviews_closes_what_is_open if {
	folded({"1200001", "5420001", "8130000"}) == "1200001"
}

test_a_bar_never_lifts if {
	folded({"1200001", "5100001", "8130000"}) == "5100001"
}

test_state_law_replaces if {
	folded({"5100001", "6420001", "7420001", "8130000"}) == "5100001"
}

test_a_conflict_is_a_review if {
	folded({"5100001", "5300001", "8130000"}) == "5200000"
}

test_process_requires if {
	folded({"2300001", "5100001", "8130000"}) == "2300001"
}

test_a_paper_in_doubt_lifts_and_lowers_nothing if {
	folded({"2200001", "5100001", "8130000"}) == "2200001"
	folded({"2200001", "5420001", "8130000"}) == "5420001"
}

test_a_saving_lifts_but_where_the_law_resists if {
	folded({"3410001", "5120001", "8130000"}) == "3410001"
	folded({"3410001", "5100001", "8130000"}) == "5100001"
}

test_what_holds_by_unknown_is_not_lifted if {
	folded({"3410001", "5140001", "8130000"}) == "5140001"
	folded({"3410001", "5120001", "5140001", "8130000"}) == "5120001"
	folded({"4400001", "5130001", "5140001", "8130000"}) == "5130001"
}

test_a_requirement_that_may_hold_hinders if {
	folded({"3410001", "5120001", "8130000", "9500001"}) == "5120001"
	folded({"3410001", "5120001", "8130000", "9600001"}) == "3410001"
	folded({"4400001", "5130001", "8130000", "9500001"}) == "5130001"
}

test_a_review_stays_where_a_prohibit_is_lifted if {
	folded({"3410001", "5120001", "5200001", "8130000"}) == "5200001"
	folded({"3410001", "4120001", "4200001", "5430001", "8130000"}) == "4200001"
	folded({"3410001", "4120001", "5210001", "8130000"}) == "5210001"
}

test_an_overlay_does_what_it_may if {
	folded({"4120001", "5430001", "8130000"}) == "4120001"
	folded({"4120001", "5420001", "8130000"}) == "5420001"
	folded({"4400001", "5130001", "8130000"}) == "4400001"
	folded({"4400001", "5120001", "8130000"}) == "5120001"
	folded({"4120001", "8130000"}) == "4120001"
}

test_an_overlay_leaves_to_a_person_what_the_default_closes if {
	folded({"4200001", "7130001", "8130000"}) == "4200001"
	folded({"4200001", "5130001", "8130000"}) == "5130001"
	folded({"4200001", "7120001", "8130000"}) == "7120001"
	folded({"4200001", "7130001", "7140001", "8130000"}) == "7130001"
	folded({"4200001", "7210001", "8130000"}) == "7210001"
}

test_an_outcome_may_be_open if {
	data.sallyport.fold.opens({"5100001", "5200000"})
	not data.sallyport.fold.opens({"5100001", "8130000"})
}
