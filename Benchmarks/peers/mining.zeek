# The same for Zeek, as a signature and what is to be noted of it. Written for this comparison.
@load-sigs ./mining.sig
@load base/frameworks/signatures
redef Site::local_nets += { 10.20.0.0/16 };
