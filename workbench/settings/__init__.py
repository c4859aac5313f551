"""Read and check the settings of the environment and `.env`."""
