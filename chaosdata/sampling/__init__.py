"""What a trajectory starts from: seeds, initial states and the time grid."""
