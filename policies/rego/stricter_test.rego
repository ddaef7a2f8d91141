package sallyport.stricter_test

closed := {"by": "5100001", "said": {"5100001", "8130000"}}

waiting := {"by": "5410002", "said": {"5410002", "8130000"}}

open := {"by": "5300003", "said": {"5300003", "8130000"}}

test_what_closes_more_stands_for_all_that_spoke if {
	said := {"5100001", "5300003", "8130000"}
	data.sallyport.stricter.row(open, closed) == {"by": "5100001", "said": said}
	data.sallyport.stricter.row(closed, open) == {"by": "5100001", "said": said}
	data.sallyport.stricter.row(waiting, open).by == waiting.by
}

test_a_review_closes_more_than_a_permission_that_waits if {
	review := {"by": "5200004", "said": {"5200004", "8130000"}}
	data.sallyport.stricter.row(waiting, review).by == review.by
}

test_the_first_of_equals_stands if {
	other := object.union(waiting, {"by": "5410009"})
	data.sallyport.stricter.row(waiting, other).by == waiting.by
}

group(said) := {"signatures": {"*": "s0", "home": "s1"}, "said": said, "own": {}}

test_answers_that_are_not_alike_are_none if {
	one := group({"s0": open, "s1": open})
	not data.sallyport.stricter.both([one], []) with input as {"asks": []}
	not data.sallyport.stricter.both([], [one]) with input as {"asks": []}
}

test_each_category_has_its_own if {
	one := object.union(group({"s0": open, "s1": closed}), {"own": {"date": waiting}})
	other := group({"s0": open, "s1": open})
	found := data.sallyport.stricter.both([one], [other]) with input as {"asks": [{"categories": ["date", "home", "name"]}]}
	found[0].said == {}
	{category: row.by | some category, row in found[0].own} == {
		"date": "5410002",
		"home": "5100001",
		"name": "5300003",
	}
}

test_nothing_is_needed_where_one_refuses_anyway if {
	pending := {"may": {"5100004", "5410004"}, "needs": {"sealed"}, "said": {"5100004", "5410004", "8130000"}}
	row := data.sallyport.stricter.row(pending, closed)
	row == {
		"may": {"5100001", "5100004"},
		"needs": set(),
		"said": {"5100001", "5100004", "5410004", "8130000"},
	}
}

test_both_decided_is_decided if {
	data.sallyport.stricter.row(open, waiting).by == waiting.by
}
