package sallyport.screen_test

test_upper_layers_turn_what_may_stand_below if {
	said := [2300001, 3410001, 4120001, 5430001, 8130000]
	data.sallyport.screen.outcomes(said, [5430001, 8130000], [5430001]) == {2300001, 3410001, 4120001, 5430001}
}

test_a_bar_that_may_speak if {
	said := [1100001, 5420001, 8130000]
	data.sallyport.screen.outcomes(said, [5420001, 8130000], [5420001]) == {1100001, 5420001}
}

test_a_bar_that_reviews_needs_something_open if {
	said := [1200001, 5100001, 8130000]
	data.sallyport.screen.outcomes(said, [5100001, 8130000], [5100001]) == {5100001}
}

test_a_bar_that_surely_speaks if {
	said := [1100001, 1200001, 5420001, 8130000]
	data.sallyport.screen.outcomes(said, [1200001, 8130000], [5420001]) == {1100001, 1200001}
}

test_a_conflict_is_possible if {
	said := [5100001, 5300001, 8130000]
	data.sallyport.screen.bases(said, [8130000], [8130000]) == [5100001, 5300001, 8130000, 5200000]
}

test_nothing_is_needed_where_all_is_closed if {
	possible({"5100001": 5100001, "8130000": 8130000}).needs == []
	possible({"5420001": 5420001, "8130000": 8130000}).needs == ["sealed"]
}

possible(may) := row if {
	firm := {"8130000": 8130000}
	waiting := {key: {"sealed": 0} | some key, _ in object.remove(may, firm)}
	row := data.sallyport.screen.possible(may, firm) with data.compiled as {"later": {}, "pending": waiting}
}

test_what_may_hinder_a_saving if {
	said := [3410001, 5120001, 5140001, 5200001, 8130000]
	data.sallyport.screen.outcomes(said, [3410001, 8130000], [5120001]) == {3410001, 5120001, 5200001}
}

test_what_may_hinder_an_overlay if {
	said := [4400001, 5130001, 5200001, 8130000]
	data.sallyport.screen.outcomes(said, [8130000], [5130001]) == {4400001, 5130001}
}

test_what_may_hinder_nothing_lifts_nothing if {
	said := [3410001, 5100001, 8130000]
	data.sallyport.screen.outcomes(said, [3410001, 8130000], [5100001]) == {5100001}
}
