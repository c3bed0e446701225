"""Rules as data: the expression language, the bundles that analysts write, and the law by date; pure."""
