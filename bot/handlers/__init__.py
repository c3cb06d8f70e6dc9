"""Commands, buttons and words, one file per study."""
