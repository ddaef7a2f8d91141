package sallyport.stricter_test

closed := {"by": 5100001, "effect": "prohibit", "outcome": "withhold", "said": [5100001, 8130000]}

waiting := {"by": 5410002, "effect": "permit", "outcome": "wait", "said": [5410002, 8130000]}

open := {"by": 5300003, "effect": "require", "outcome": "release", "said": [5300003, 8130000]}

test_what_closes_more_stands_for_all_that_spoke if {
	said := [5100001, 5300003, 8130000]
	data.sallyport.stricter.verdict(open, closed) == object.union(closed, {"said": said})
	data.sallyport.stricter.verdict(closed, open) == object.union(closed, {"said": said})
	data.sallyport.stricter.verdict(waiting, open).by == waiting.by
}

test_a_review_closes_more_than_a_permission_that_waits if {
	review := {"by": 5200004, "effect": "review", "outcome": "wait", "said": [5200004, 8130000]}
	data.sallyport.stricter.verdict(waiting, review).by == review.by
}

test_the_first_of_equals_stands if {
	other := object.union(waiting, {"by": 5410009})
	data.sallyport.stricter.verdict(waiting, other).by == waiting.by
}

test_lists_that_are_not_alike_have_no_answer if {
	not data.sallyport.stricter.verdicts([open], [])
	not data.sallyport.stricter.rows([], [open])
}

test_nothing_is_needed_where_one_refuses_anyway if {
	pending := {"may": [5100004, 5410004], "needs": ["sealed"], "said": [5100004, 5410004, 8130000]}
	row := data.sallyport.stricter.row(pending, closed)
	row == {"may": [5100001, 5100004], "needs": [], "said": [5100001, 5100004, 5410004, 8130000]}
}

test_both_decided_is_decided if {
	data.sallyport.stricter.row(open, waiting).by == waiting.by
}
