"""Training: staff practise with simulated contacts, on the pages of the desk and apart from all that is real."""
