"""By structure: functions of texts as trees, their distance to solutions."""
