"""The small core that every room shares: settings, receipts, build, publishing, trace, and the command line."""
