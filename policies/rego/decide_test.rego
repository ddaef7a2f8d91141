package sallyport.decide_test

compiled := {
	"custodian": {"sheriff": "a0"},
	"dataset": {"a0": {"jail": "b0"}},
	"requester": {"b0": {"ice": "c0"}},
	"purpose": {"c0": {"civil": "d0", "unknown": "d0"}},
	"kind": {"d0": {"read": {"release": "n0"}}},
	"category": {"n0": {"*": "s0", "home": "s1"}},
	"years": year_table,
	"eras": [{"5420001": 0}, {}],
	"clauses": {
		"s0": ["p0", "p9"],
		"s1": ["p1", "p9"],
	},
	"parts": {
		"p9": {},
		"p0": {"8130000": 8130000, "5420001": 5420001, "5100001": 5100001},
		"p1": {"8130000": 8130000, "5100002": 5100002, "5420002": 5420002},
	},
	"later": {"5420001": {"5100001": 0}, "5420002": {"5100002": 0}},
	"pending": {"5420001": {"sealed": 0}, "5420002": {"public": 0}},
	"star": {"date": "*", "home": "*", "hold": "hold"},
	"request": {"n0": {"bulk": {}}},
	"record": {"n0": {"sealed": {"5420001": 0}}},
	"record_category": {"n0": {"public": {"5420002": 0}}},
	"value": {"n0": {"bulk": "s3", "sealed": "s4", "public": "s5"}},
	"compare": {
		"request": {"n0": [{"id": "t0", "fact": "level", "op": "ge", "bound": 2, "years": false, "unstated": 0}]},
		"record": {"n0": []},
		"record_category": {"n0": []},
	},
	"compared": {"n0": {"t0": {"true": {"5420001": 0}, "false": {}, "unknown": {}}}},
	"papers": {"paper.warrant.judge": {"issuer_confirmed": {"t1": "yes"}}},
	"wanted": {"n0": "s1"},
	"unwanted": {"n0": {"t1": {"5420001": 0}}},
	"paperless": {"n0": "s2"},
	"shared": {
		"s1": {"t2": {}},
		"s2": {},
		"s3": {"true": {"5420001": 0}, "*": {}},
		"s4": {"false": {"5420001": 0}, "unknown": {"5420001": 0}, "*": {}},
		"s5": {"false": {"5420002": 0}, "*": {}},
	},
}

year_table := [{"era": era(i), "days": days(i)} | some i in numbers.range(0, 299)]

era(i) := 1 if {
	i > 100
} else := 0

days(i) := [20000601] if {
	i == 100
} else := []

question(facts, papers, records) := {
	"schema": "sallyport.question/1",
	"day": 20260120,
	"custodian": "sheriff",
	"dataset": "jail",
	"requester": "ice",
	"facts": facts,
	"asks": [{"kind": "read", "use": "release", "facts": papers, "categories": ["date", "home"]}],
	"records": records,
}

effects(input_document) := [[ask.effect | some ask in record.asks] | some record in answer.records] if {
	answer := data.sallyport.decide.answer with input as input_document
		with data.compiled as compiled
		with data.meta.revision as "r"
}

known(facts, public) := {"facts": facts, "categories": {"home": {"public": public}}}

nothing := {"facts": {}, "categories": {}}

test_facts_open_and_unknown_does_not if {
	effects(question({"purpose": "civil"}, {}, [known({"sealed": true}, true), nothing])) == [
		["permit", "permit"],
		["prohibit", "prohibit"],
	]
}

test_a_request_fact_closes if {
	effects(question({"bulk": true}, {}, [known({"sealed": true}, false)])) == [["prohibit", "prohibit"]]
}

test_a_number_closes if {
	effects(question({"level": 2}, {}, [known({"sealed": true}, true)])) == [["prohibit", "permit"]]
}

test_a_paper_closes if {
	papers := {"paper.warrant.judge": "issuer_confirmed"}
	effects(question({}, papers, [known({"sealed": true}, true)])) == [["prohibit", "permit"]]
}

test_out_of_force if {
	old := object.union(question({}, {}, [known({"sealed": true}, true)]), {"day": 20000531})
	effects(old) == [["prohibit", "permit"]]
}

test_screen_says_what_is_needed if {
	answer := data.sallyport.screen.answer with input as question({}, {}, "pending")
		with data.compiled as compiled
		with data.meta.revision as "r"
	answer.asks == [
		{"may": [5100001, 5420001], "needs": ["sealed"], "said": [5100001, 5420001, 8130000]},
		{"may": [5100002, 5420002], "needs": ["public"], "said": [5100002, 5420002, 8130000]},
	]
}

test_screen_decides_where_nothing_is_needed if {
	answer := data.sallyport.screen.answer with input as question({"bulk": true}, {}, "pending")
		with data.compiled as compiled
		with data.meta.revision as "r"
	answer.asks[0].effect == "prohibit"
}

test_what_is_no_category_of_a_node_has_no_answer if {
	data.sallyport.place.signatures("n0", ["date", "home", "hold", "nothing"]) == ["s0", "s1"] with data.compiled as compiled
}

two_classes := object.union(compiled, {
	"requester": {"b0": {"ice": "c0", "police": "c1"}},
	"purpose": {"c0": {"civil": "d0", "unknown": "d0"}, "c1": {"civil": "d1", "unknown": "d1"}},
	"kind": {"d0": {"read": {"release": "n0"}}, "d1": {"read": {"release": "n1"}}},
	"category": {"n0": {"*": "s0", "home": "s1"}, "n1": {"*": "s2", "home": "s2"}},
	"clauses": {"s2": ["p2", "p9"]},
	"parts": {"p2": {"8130000": 8130000, "5410003": 5410003}},
	"request": {"n1": {}},
	"record": {"n1": {}},
	"record_category": {"n1": {}},
	"value": {"n1": {}},
	"compare": {
		"request": {"n1": []},
		"record": {"n1": []},
		"record_category": {"n1": []},
	},
	"wanted": {"n1": "s2"},
	"unwanted": {"n1": {}},
	"paperless": {"n1": "s2"},
})

sent_on(records) := object.union(
	question({}, {}, records),
	{"requester": "police", "recipient": "ice", "recipient_facts": {}},
)

test_a_recipient_whose_facts_are_not_said_has_no_answer if {
	asked := object.remove(sent_on([nothing]), ["recipient_facts"])
	answer := data.sallyport.decide.answer with input as asked
		with data.compiled as two_classes
		with data.meta.revision as "r"
	answer.records == []
}

test_what_is_for_another_is_asked_for_both if {
	answer := data.sallyport.decide.answer with input as sent_on([known({"sealed": true}, false)])
		with data.compiled as two_classes
		with data.meta.revision as "r"
	answer.records[0].asks == [
		{"by": 5410003, "effect": "permit", "outcome": "wait", "said": [5410003, 5420001, 8130000]},
		{"by": 5100002, "effect": "prohibit", "outcome": "withhold", "said": [5100002, 5410003, 8130000]},
	]
}

test_a_screen_for_another_says_what_may_come_of_both if {
	answer := data.sallyport.screen.answer with input as sent_on("pending")
		with data.compiled as two_classes
		with data.meta.revision as "r"
	answer.asks == [
		{"may": [5100001, 5410003], "needs": ["sealed"], "said": [5100001, 5410003, 5420001, 8130000]},
		{"may": [5100002, 5410003], "needs": ["public"], "said": [5100002, 5410003, 5420002, 8130000]},
	]
}

test_a_recipient_whom_nobody_knows_has_no_answer if {
	answer := data.sallyport.decide.answer with input as object.union(sent_on([nothing]), {"recipient": "nobody"})
		with data.compiled as two_classes
		with data.meta.revision as "r"
	answer.records == []
}
