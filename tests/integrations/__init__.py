"""The outside world through its ports: real adapters and simulators."""
