package sallyport.decide_test

compiled := {
	"custodian": {"sheriff": "a0"},
	"dataset": {"a0": {"jail": "b0"}},
	"requester": {"b0": {"ice": "c0"}},
	"purposes": {"civil": "w0", "criminal": "w1", "unknown": "w0"},
	"purpose": {"c0": {"*": "d0"}},
	"kind": {"d0": {"read": {"release": "n0"}}},
	"beside": {"d0": "e0"},
	"apart": {"e0": {"hold": {"release": "n9"}}},
	"category": {"n0": {"*": "s0", "home": "s1"}},
	"years": year_table,
	"eras": [{"5420001": 0}, {}],
	"clauses": {
		"s0": ["p0", "p9"],
		"s1": ["p1", "p9"],
	},
	"parts": {
		"p9": {},
		"p0": {"8130000": 0, "5420001": 1, "5100001": 0},
		"p1": {"8130000": 0, "5100002": 0, "5420002": 1},
	},
	"paperless": {
		"s0": {"8130000": 0, "5420001": 1, "5100001": 0},
		"s1": {"8130000": 0, "5100002": 0, "5420002": 1},
	},
	"requiring": {},
	"later": {"5420001": {"5100001": 0}, "5420002": {"5100002": 0}},
	"pending": {"5420001": {"sealed": 0}, "5420002": {"public": 0}},
	"of": {"n0": ["f0", "p0"]},
	"tests": {"f0": {
		"request": {"bulk": {}},
		"record": {"sealed": {"5420001": 0}},
		"record_category": {"public": {"5420002": 0}},
		"bare": {"5420002": 0},
		"value": {"bulk": "s3", "sealed": "s4", "public": "s5"},
		"compare": {
			"request": [{"id": "t0", "fact": "level", "op": "ge", "bound": 2, "years": false, "unstated": 0}],
			"record": [],
			"record_category": [],
		},
		"compared": {"t0": {"true": {"5420001": 0}, "false": {}, "unknown": {}}},
	}},
	"paper_tests": {"p0": {
		"wanted": "s1",
		"unwanted": {"t1": {"5420001": 0}},
	}},
	"papers": {"paper.warrant.judge": {"issuer_confirmed": {"t1": "yes"}}},
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

# The second digit of what decides, by category in the order of the question.
effects(input_document) := [[effect | some by in decided; effect = words[substring(by, 1, 1)]] |
	some record in answer(input_document, compiled).records
	decided = [said_of(record.asks[0], category).by | some category in input_document.asks[0].categories]
]

words := {"1": "prohibit", "4": "permit"}

said_of(group, category) := data.sallyport.stricter.said_of(group, category)

answer(input_document, tables) := found if {
	found := data.sallyport.decide.answer with input as input_document
		with data.compiled as tables
		with data.meta.revision as "r"
}

screened(input_document, tables) := found if {
	found := data.sallyport.screen.answer with input as input_document
		with data.compiled as tables
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
	screened(question({}, {}, "pending"), compiled).asks == [{
		"signatures": {"*": "s0", "home": "s1"},
		"said": {
			"s0": {
				"may": {"5100001", "5420001"},
				"needs": {"sealed"},
				"said": {"5100001", "5420001", "8130000"},
			},
			"s1": {
				"may": {"5100002", "5420002"},
				"needs": {"public"},
				"said": {"5100002", "5420002", "8130000"},
			},
		},
		"own": {},
	}]
}

test_screen_decides_where_nothing_is_needed if {
	found := screened(question({"bulk": true}, {}, "pending"), compiled)
	found.asks[0].said.s0 == {"by": "5100001", "said": {"5100001", "8130000"}}
}

asked_for(kind, categories) := {"kind": kind, "use": "release", "categories": categories}

test_what_is_said_of_a_category_is_of_its_signature if {
	found := data.sallyport.place.signatures("n0", asked_for("read", ["date", "home"])) with data.compiled as compiled
	found == {"*": "s0", "home": "s1"}
	data.sallyport.place.signature_of(found, "date") == "s0"
	data.sallyport.place.signature_of(found, "home") == "s1"
}

test_what_is_known_of_a_category_that_is_not_asked_is_passed_over if {
	asked := question({}, {}, [{"facts": {}, "categories": {"other": {"public": true}}}])
	answer(asked, compiled).records[0].asks[0].own == {}
}

test_a_kind_without_fields_stands_beside if {
	asked := question({"purpose": "civil"}, {}, [])
	node := data.sallyport.place.node("ice", asked_for("hold", ["hold"])) with data.compiled as compiled
		with input as asked
	node == "n9"
}

test_a_kind_that_nobody_knows_has_no_node if {
	not known_kind("nothing")
	known_kind("read")
}

known_kind(kind) if {
	data.sallyport.place.node("ice", asked_for(kind, [])) with data.compiled as compiled
		with input as question({}, {}, [])
}

test_a_purpose_that_leads_elsewhere_is_listed if {
	tables := object.union(compiled, {
		"purpose": {"c0": {"w1": "d1"}},
		"kind": {"d1": {"read": {"release": "n1"}}},
		"beside": {"d1": "e0"},
	})
	node(tables, "civil") == "n0"
	node(tables, "criminal") == "n1"
	not node(tables, "nothing")
}

node(tables, purpose) := found if {
	asked := question({"purpose": purpose}, {}, [])
	found := data.sallyport.place.node("ice", asked.asks[0]) with data.compiled as tables
		with input as asked
}

two_classes := object.union(compiled, {
	"requester": {"b0": {"ice": "c0", "police": "c1"}},
	"purpose": {"c1": {"*": "d1"}},
	"kind": {"d1": {"read": {"release": "n1"}}},
	"beside": {"d1": "e0"},
	"category": {"n1": {"*": "s2"}},
	"clauses": {"s2": ["p2", "p9"]},
	"parts": {"p2": {"8130000": 0, "5410003": 0}},
	"paperless": {"s2": {"8130000": 0, "5410003": 0}},
	"of": {"n1": ["f1", "p1"]},
	"tests": {"f1": {
		"request": {}, "record": {}, "record_category": {}, "bare": {}, "value": {},
		"compare": {"request": [], "record": [], "record_category": []},
		"compared": {},
	}},
	"paper_tests": {"p1": {"wanted": "s2", "unwanted": {}}},
})

sent_on(records) := object.union(
	question({}, {}, records),
	{"requester": "police", "recipient": "ice", "recipient_facts": {}},
)

test_a_recipient_whose_facts_are_not_said_has_no_answer if {
	answer(object.remove(sent_on([nothing]), ["recipient_facts"]), two_classes).records == []
}

test_what_is_for_another_is_asked_for_both if {
	answer(sent_on([known({"sealed": true}, false)]), two_classes).records[0].asks == [{
		"signatures": {},
		"said": {},
		"own": {
			"date": {"by": "5410003", "said": {"5410003", "5420001", "8130000"}},
			"home": {"by": "5100002", "said": {"5100002", "5410003", "8130000"}},
		},
	}]
}

test_a_screen_for_another_says_what_may_come_of_both if {
	screened(sent_on("pending"), two_classes).asks[0].own == {
		"date": {
			"may": {"5100001", "5410003"},
			"needs": {"sealed"},
			"said": {"5100001", "5410003", "5420001", "8130000"},
		},
		"home": {
			"may": {"5100002", "5410003"},
			"needs": {"public"},
			"said": {"5100002", "5410003", "5420002", "8130000"},
		},
	}
}

test_a_recipient_whom_nobody_knows_has_no_answer if {
	answer(object.union(sent_on([nothing]), {"recipient": "nobody"}), two_classes).records == []
}
