"""The paper's drawbacks of web code (section 2): what is measured of a syntax tree, and filters that use it."""
