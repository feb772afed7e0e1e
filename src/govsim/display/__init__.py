"""How anything is told: blocks, words, numbers and pictures, for a screen and for a page."""
