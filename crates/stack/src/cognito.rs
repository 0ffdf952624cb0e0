//! Cognito's public client.
