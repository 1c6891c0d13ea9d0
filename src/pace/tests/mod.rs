mod budget;
mod fleet;
mod server;
