"""What is looked at before a template may go live: its words, filled as people will get them."""
