package sallyport.screen_test

test_upper_layers_turn_what_may_stand_below if {
	said := [2300001, 3410001, 4100001, 5430001, 8110000]
	data.sallyport.screen.outcomes(said, [5430001, 8110000], [5430001]) == {2300001, 3410001, 4100001, 5430001}
}

test_a_bar_that_may_speak if {
	said := [1100001, 5420001, 8110000]
	data.sallyport.screen.outcomes(said, [5420001, 8110000], [5420001]) == {1100001, 5420001}
}

test_a_bar_that_reviews_needs_something_open if {
	said := [1200001, 5100001, 8110000]
	data.sallyport.screen.outcomes(said, [5100001, 8110000], [5100001]) == {5100001}
}

test_a_bar_that_surely_speaks if {
	said := [1100001, 1200001, 5420001, 8110000]
	data.sallyport.screen.outcomes(said, [1200001, 8110000], [5420001]) == {1100001, 1200001}
}

test_a_conflict_is_possible if {
	said := [5100001, 5300001, 8110000]
	data.sallyport.screen.bases(said, [8110000], [8110000]) == [5100001, 5300001, 8110000, 5200000]
}

test_nothing_is_needed_where_all_is_closed if {
	data.sallyport.screen.needs({"1": {"sealed": 0}}, [5100001]) == []
	data.sallyport.screen.needs({"1": {"sealed": 0}}, [5420001]) == ["sealed"]
}
