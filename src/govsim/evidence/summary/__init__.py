"""What a run says, on one screen."""
