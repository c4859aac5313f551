"""What state an installation is in (`status`) and what to do about it (`doctor`)."""
