"""How we fare with receivers: rates against their lines, and pauses at half of them. Pure.

Counts of moves (`counting`) are spread over scopes (`scopes`), become rates against lines
(`rates`), and rates move the trust in a scope (`trust`); `sentences` says it all to people.
"""
