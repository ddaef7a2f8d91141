package sallyport.screen_test

said_by(said, sure, low) := rows if {
	changing := {p | some p in said; p >= "2"; p < "5"}
	stands := data.sallyport.screen.opened(said, sure, low, changing)
	open := {p | some p in stands; substring(p, 1, 1) != "1"}
	heard := object.get({0: "12"}, count(open), "2")
	rows := data.sallyport.screen.outcomes(said, sure, stands, {p | some p in said; p < heard})
}

test_upper_layers_turn_what_may_stand_below if {
	said := {"2300001", "3410001", "4120001", "5430001", "8130000"}
	said_by(said, {"5430001", "8130000"}, {"5430001"}) == {"2300001", "3410001", "4120001", "5430001"}
}

test_a_bar_that_may_speak if {
	said := {"1100001", "5420001", "8130000"}
	said_by(said, {"5420001", "8130000"}, {"5420001"}) == {"1100001", "5420001"}
}

test_a_bar_that_reviews_needs_something_open if {
	said := {"1200001", "5100001", "8130000"}
	said_by(said, {"5100001", "8130000"}, {"5100001"}) == {"5100001"}
}

test_a_bar_that_surely_speaks if {
	said := {"1100001", "1200001", "5420001", "8130000"}
	said_by(said, {"1200001", "8130000"}, {"5420001"}) == {"1100001", "1200001"}
}

test_a_conflict_is_possible if {
	low := {"5100001", "5300001", "6100001", "8130000"}
	clashing := data.sallyport.screen.with_conflicts(low, {"5300001"})
	clashing == {"5100001", "5200000", "5300001", "6100001", "8130000"}
	data.sallyport.screen.with_conflicts(low, set()) == low
}

test_nothing_is_needed_where_all_is_closed if {
	possible({"5100001", "8130000"}).needs == set()
	possible({"5420001", "8130000"}).needs == {"sealed"}
}

test_nothing_is_needed_where_a_bar_surely_closes if {
	shut := possible({"1100001", "5420001", "8130000"})
	shut.may == {"1100001"}
	shut.needs == set()
	reviewed := possible({"1200001", "5420001", "8130000"})
	reviewed.may == {"1200001", "8130000"}
	reviewed.needs == {"sealed"}
}

# What is possible where all clauses of the law wait for one fact.
possible(said) := row if {
	firm := {p | some p in said; p < "2"} | {"8130000"}
	compiled := {
		"later": {},
		"pending": {clause: {"sealed": 0} | some clause in (said - firm)},
		"requiring": {},
	}
	known := data.sallyport.screen.sorted(said, firm) with data.compiled as compiled
	row := data.sallyport.screen.possible(said, known) with data.compiled as compiled
}

test_what_may_hinder_a_saving if {
	said := {"3410001", "5120001", "5140001", "5200001", "8130000"}
	said_by(said, {"3410001", "8130000"}, {"5120001"}) == {"3410001", "5120001", "5200001"}
}

test_what_may_hinder_an_overlay if {
	said := {"4400001", "5130001", "5200001", "8130000"}
	said_by(said, {"8130000"}, {"5130001"}) == {"4400001", "5130001"}
}

test_what_may_hinder_nothing_lifts_nothing if {
	said := {"3410001", "5100001", "8130000"}
	said_by(said, {"3410001", "8130000"}, {"5100001"}) == {"5100001"}
}
