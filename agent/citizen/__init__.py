"""What the office does for its citizens: promises kept in sight, its calendar, feedback, surveys, receipts."""
