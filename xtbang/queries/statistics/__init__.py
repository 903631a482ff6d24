"""Statistics (统计): what a call, and all calls together, have come to. Each chart is its table; nothing is stored."""
