"""What a scenario means: organisations in plain numbers, with levers on or off, in one world."""
