//! Which of several credentials a call uses: written by the MCP part.
