"""Words that the phrases share."""

BOX = (
    r"(?:user|recipient|rece?ipient|mail ?box|address(?:ee)?|account|alias|person|local[- ]part|"
    r"e-?mail|inbox|destination|rcpt|customer|subscriber|mail ?drop|username|name|empf.nger|"
    r"postfach|adresse|destinat\w+|utilisateur|bo.te|usuario|buz.n|casella|endere.o)"
)
"""What an address or its mailbox is called."""

NOT = r"(?:not|n[o']t|cannot|never|nicht|non|ne|no|n.o)"
FEW = r"(?:\S+ ){0,5}?"
"""Up to five words between two that belong together."""
