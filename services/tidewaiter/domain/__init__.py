"""What a parcel is and how it is decided: values and pure functions, no clock, no client, no chance."""
