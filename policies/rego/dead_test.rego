package sallyport.dead_test

test_comparisons if {
	data.sallyport.dead.truth({"op": "lt", "bound": 3, "years": false}, 2) == "true"
	data.sallyport.dead.truth({"op": "lt", "bound": 3, "years": false}, 3) == "false"
	data.sallyport.dead.truth({"op": "ge", "bound": 3, "years": false}, 3) == "true"
	data.sallyport.dead.truth({"op": "gt", "bound": 3, "years": false}, 3) == "false"
	data.sallyport.dead.truth({"op": "gt", "bound": 3, "years": false}, 4) == "true"
	data.sallyport.dead.truth({"op": "eq", "bound": 3, "years": false}, 3) == "true"
	data.sallyport.dead.truth({"op": "ne", "bound": 3, "years": false}, 4) == "true"
}

test_at_most if {
	data.sallyport.dead.truth({"op": "le", "bound": 3, "years": false}, 3) == "true"
	data.sallyport.dead.truth({"op": "le", "bound": 3, "years": false}, 4) == "false"
}

test_a_day_to_come_says_nothing_of_years if {
	data.sallyport.dead.truth({"op": "ge", "bound": 5, "years": true}, 20260121) == "unknown" with input.day as 20260120
	data.sallyport.dead.truth({"op": "lt", "bound": 5, "years": true}, 20260121) == "unknown" with input.day as 20260120
	data.sallyport.dead.truth({"op": "gt", "bound": 20260101, "years": false}, 20260121) == "true" with input.day as 20260120
}

test_unknown_is_neither if {
	data.sallyport.dead.truth({"op": "lt", "bound": 3, "years": false}, "unknown") == "unknown"
}

test_years_count_back_from_the_day if {
	data.sallyport.dead.truth({"op": "lt", "bound": 5, "years": true}, 20210119) == "true" with input.day as 20260120
	data.sallyport.dead.truth({"op": "lt", "bound": 5, "years": true}, 20210120) == "false" with input.day as 20260120
}
