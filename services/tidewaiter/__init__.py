"""Real-time screening of parcels: shipment events in, HOLD or RELEASE out."""
