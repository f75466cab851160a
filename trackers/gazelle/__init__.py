"""What the Gazelle family is made of: its words, its form, its answers, its searches."""
