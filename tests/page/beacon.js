// Loaded across origins to find out whether an address leads to the server of the test page.
globalThis.opencloudBeacon = true;
