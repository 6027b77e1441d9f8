"""What `textbooks.decontaminators.strengthen` is made of: domains of inputs, mutation, functions to tell apart."""
