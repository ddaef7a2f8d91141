# METADATA
# title: Fold
# description: |
#   Precedence, from below. A clause is a number: layer, effect, two flags in one
#   digit, place; the smaller is the stronger. Layers: 1 record bar, 2 process,
#   3 saving, 4 overlay, 5 state, 6 federal permission, 7 agency default, 8 nobody
#   spoke, 9 what is not heard: a lifted bar (91), a requirement of layer N that may
#   hold (9N). Effects: 1 prohibit, 2 review, 3 require, 4 permit.
# scope: package
package sallyport.fold

# METADATA
# title: Decided
# description: The clause that decides among those that spoke (sorted), in words.
decided(said) := {
	"by": by,
	"effect": words[0],
	"outcome": words[1],
	"said": said,
} if {
	by = folded(said)
	words = comes_to[(by % 1000000) - (by % 10000)]
}

# METADATA
# title: Comes to
# description: |
#   The effect and what happens, by effect and flags in their places. A permit waits for a person unless
#   the law leaves no discretion or a local government has used it.
comes_to := {
	100000: ["prohibit", "withhold"], 110000: ["prohibit", "withhold"],
	120000: ["prohibit", "withhold"], 130000: ["prohibit", "withhold"],
	140000: ["prohibit", "withhold"],
	200000: ["review", "wait"], 210000: ["review", "wait"],
	300000: ["require", "release"],
	400000: ["permit", "wait"], 410000: ["permit", "wait"],
	420000: ["permit", "release"], 430000: ["permit", "release"],
}

# METADATA
# title: Effect
# description: The digit of the effect.
effect(clause) := floor(clause / 100000) % 10

# METADATA
# title: Opens
# description: Whether something other than a prohibit is possible.
opens(results) if {
	some result in results
	result % 1000000 >= 200000
}

# METADATA
# title: Flag
# description: |
#   The digit of the flags. Odd if an overlay may change it; 2 more for a permit that
#   needs no person, or for a prohibit that a saving lifts. A prohibit with 4 holds
#   only by what is unknown, and nothing lifts it.
flag(clause) := floor(clause / 10000) % 10

# METADATA
# title: Folded
# description: |
#   The clause that decides. A bar that prohibits is stronger than all; without
#   anything above state law there is nothing to fold.
folded(said) := said[0] if {
	said[0] < 1200000
} else := base(said) if {
	said[0] >= 5000000
} else := over(said, base(between(said, 5000000, 9000000)))

# METADATA
# title: Over
# description: What overlay, saving, process and bar make of what stands below.
over(said, below) := bar(between(said, 1000000, 2000000), opened) if {
	beside = hindering(said, floor(below / 1000000))
	narrowed = overlay(between(said, 4000000, 5000000), below, beside)
	closers = array.concat(beside, hindering(said, 4))
	saved = saving(between(said, 3000000, 4000000), narrowed, closers)
	opened = process(between(said, 2000000, 3000000), saved)
}

# METADATA
# title: Hindering
# description: |
#   What keeps a layer's prohibit from being lifted: its reviews, prohibits that hold
#   only by what is unknown, a requirement that may hold (it would be a conflict).
hindering(said, layer) := array.concat(array.concat(unsure, reviews), doubts) if {
	low = layer * 1000000
	unsure = between(said, low + 140000, low + 150000)
	reviews = between(said, low + 200000, low + 300000)
	doubt = 9000000 + (layer * 100000)
	doubts = between(said, doubt, doubt + 100000)
}

# METADATA
# title: Between
# description: The clauses in a range.
between(said, low, high) := [p | some p in said; p >= low; p < high]

# METADATA
# title: Base
# description: |
#   State law replaces a federal permission, which replaces the default. Prohibit
#   with require in one layer is a conflict of laws, a review by counsel.
base(said) := conflict(said[0]) if {
	opposed(said, said[0])
} else := said[0]

# METADATA
# title: Opposed
# description: Whether a prohibit meets a require in its layer.
opposed(said, clause) if {
	clause % 1000000 < 200000
	low = (clause - (clause % 100000)) + 200000
	some p in said
	p >= low
	p < low + 100000
}

# METADATA
# title: Conflict
# description: The number that stands for a conflict in the layer of a clause.
conflict(clause) := (clause - (clause % 1000000)) + 200000

# METADATA
# title: Overlay
# description: |
#   The strictest local rule narrows what the deciding law lets it narrow, and opens
#   what the deciding law lets it open; nothing else.
overlay(local, below, beside) := min(local) if {
	count(local) > 0
	flag(below) % 2 == 1
	changes(min(local), below, beside)
} else := below

# METADATA
# title: Changes
# description: |
#   Whether a local clause closes more than what stands below, opens what is closed and
#   surely so, leaves to a person what only the agency's default closes, or speaks where
#   nobody spoke.
changes(local, below, _) if {
	effect(local) < effect(below)
}

changes(local, below, beside) if {
	effect(local) == 4
	effect(below) == 1
	count(beside) == 0
}

changes(local, below, beside) if {
	effect(local) == 2
	effect(below) == 1
	below >= 7000000
	count(beside) == 0
}

changes(_, below, _) if {
	below >= 8000000
}

# METADATA
# title: Saving
# description: |
#   A federal saving turns a prohibit into a permit left to discretion. A review beside
#   the prohibit stays; a prohibit that what is unknown may have made is not lifted.
saving(saved, now, closers) := now if {
	count(saved) == 0
} else := now if {
	not saveable(now)
} else := now if {
	count([p | some p in closers; effect(p) != 2]) > 0
} else := min(closers) if {
	count(closers) > 0
} else := min(saved)

# METADATA
# title: Saveable
# description: Whether a clause is a prohibit that a saving lifts.
saveable(clause) if {
	clause % 1000000 >= 120000
	clause % 1000000 < 140000
}

# METADATA
# title: Process
# description: |
#   Verified judicial process requires; a paper that one law accepts and another
#   doubts is in doubt. A paper in doubt turns a prohibit into a review, or names who
#   reviews, and lowers nothing.
process(papers, below) := min(papers) if {
	count(papers) > 0
	helps(effect(min(papers)), effect(below))
} else := below

# METADATA
# title: Helps
# description: Whether process opens what stands below.
helps(papers, _) if {
	papers == 3
}

helps(papers, below) if {
	papers == 2
	below < 3
}

# METADATA
# title: Bar
# description: A record bar closes whatever stands below; it never opens.
bar(bars, below) := min(bars) if {
	count(bars) > 0
	shuts(effect(min(bars)), effect(below))
} else := below

# METADATA
# title: Shuts
# description: Whether a bar closes what stands below.
shuts(bars, _) if {
	bars == 1
}

shuts(bars, below) if {
	bars == 2
	below != 1
}
