package sallyport.ask_test

test_pending_records_are_screened if {
	answer := data.sallyport.ask.answer with input as {"records": "pending"}
		with data.sallyport.screen.answer as "screened"
		with data.sallyport.decide.answer as "decided"
	answer == "screened"
}

test_records_are_decided if {
	answer := data.sallyport.ask.answer with input as {"records": []}
		with data.sallyport.screen.answer as "screened"
		with data.sallyport.decide.answer as "decided"
	answer == "decided"
}
