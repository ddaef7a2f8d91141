"""What every pack's page says: what it is, how it is read, what is off and why."""

from __future__ import annotations

__all__ = ["LEAD", "OFF_LEAD", "OFF_RULES", "READING"]

LEAD = (
    "What this pack says, as it is written in `policies/packs/{pack}`. It is a draft, "
    "not legal advice, and {signed}. Words are those of "
    "[the vocabulary](../vocabulary.md); [case files](../case.md) try them."
)
OFF_LEAD = (
    "**{off} of the {all} rules of this pack are off. They decide nothing** until "
    "counsel turns them on: [which they are, and how one is turned on]"
    "(#rules-that-are-off)."
)
READING = """\
## How to read it

* **In force** names the first day, and after *until* the first day on which the rule
  no longer holds.
* **Answer** is what the rule says by itself: *no*; *a person decides*, and nothing is
  released until that person has; *yes*; *yes, commanded*, where the law leaves no
  choice; *yes, if chosen*, where the local government may choose: until its overlay
  has, a person decides. What exceptions say stands after it. In a bar on the record
  an exception makes the bar *silent*.
* **One rule is not the whole answer.** Every rule that is on and reaches the request
  speaks, and [the order of laws](../../explanation/policy.md#precedence) says what
  they come to together. Where none speaks, the answer is no.
* **What is not known opens nothing.** A fact is not known where the record does not
  have it, or its source did not say. A yes needs everything that it asks for to be
  known; a no stands all the same. Each rule below says what it comes to then. No
  federal saving and no local policy lifts a no that stands only because something is
  not known. Where years are counted, a day that has not come yet is not known. A
  paper is never unknown: it is there, in the state that the register of papers says,
  or it is not.
* **Read** says how the text was checked: *source read*, the law's own text, in full;
  *source read partial*, parts of it; *from memory*, nothing was looked at for this
  version; *digest only*, a summary or the press, so the rule is off; *local*, the
  rule rests on no law. [All that was not read in full](../for-counsel.md)."""
OFF_RULES = """\
Of these rules only a digest or what the press wrote was read. So they are off: as the
program comes they close nothing and open nothing, and no table of answers counts
them. They are listed so that counsel can read the law and decide.

To turn one on, counsel of the jurisdiction reads the law's own text and compares the
rule with it. If the rule is right, the jurisdiction's own overlay names it in its
`pack.yaml`, with who decided, on which day, and where the opinion can be found:

```yaml
turned_on:
  - {{rule: {rule}, counsel: "who", on: {day}, citation: "Opinion 1"}}
```

The overlay is then tried, built and put into force as [every change of a
rule](../../how-to/change-a-rule.md) is, by two people who sign. A rule that is not
right stays off. The made-up overlay `example-counsel` shows it, with every such rule
of every pack turned on."""
