"""The loop every dataset goes through: plan, build, gate, publish."""
