# METADATA
# title: Ask
# description: |
#   The one entry of an engine that is asked over HTTP: a question says itself whether
#   its records are pending. So an authorization policy can allow one path.
# scope: package
package sallyport.ask

# METADATA
# title: Answer
# description: The screen of a question whose records are pending, else its decision.
# entrypoint: true
answer := data.sallyport.screen.answer if input.records == "pending"

answer := data.sallyport.decide.answer if input.records != "pending"
