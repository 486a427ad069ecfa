"""An independent oracle of the lifecycle: the definitions evaluated day by day, and adversarial input for it."""
