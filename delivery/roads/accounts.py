"""Which account carries a message: the most important ones first, by weight among equals. Pure."""

from collections.abc import Sequence

from delivery.errors import AccountError, TransientError
from delivery.messages import Receipt
from models.records import Account


def choose(accounts: Sequence[Account], draw: float) -> Account | None:
    """One of the accounts with the highest priority.

    Args:
        accounts: Those that may be used, in any order.
        draw: A random number from 0 up to 1: accounts are hit by their share of the weights.
    """
    if len(accounts) <= 1:
        return accounts[0] if accounts else None
    best = max(account.priority for account in accounts)
    equals = [account for account in accounts if account.priority == best]
    rest = draw * sum(max(account.weight, 1) for account in equals)
    for account in equals:
        rest -= max(account.weight, 1)
        if rest < 0:
            return account
    return equals[-1]


def passes_on(end: Receipt | Exception) -> bool:
    """Whether another account may try: only after a definite "not now", never in doubt."""
    return isinstance(end, TransientError | AccountError)


def telling(ends: Sequence[Receipt | Exception]) -> Receipt | Exception:
    """The end that counts of those several accounts came to, the last one being the newest.

    That one account cannot send at all says nothing about the message when another said "not now".
    """
    if isinstance(ends[-1], AccountError):
        return next((end for end in ends if isinstance(end, TransientError)), ends[-1])
    return ends[-1]
