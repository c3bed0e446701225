"""The grammar of the language (github.com/google/cel-spec, doc/langdef.md), for an LALR parser."""

GRAMMAR = r"""
?start: expr

?expr: disjunction
     | disjunction "?" disjunction ":" expr          -> conditional

?disjunction: conjunction ("||" conjunction)*
?conjunction: relation ("&&" relation)*

?relation: addition
         | relation RELATION addition                -> binary
         | relation IN addition                      -> binary
?addition: multiplication
         | addition (PLUS | MINUS) multiplication    -> binary
?multiplication: unary
               | multiplication TIMES unary          -> binary
?unary: member
      | NOT+ member                                  -> negation
      | MINUS+ member                                -> minus

?member: primary
       | member "." IDENT                            -> select
       | member "." QUOTED                           -> select
       | member "." IDENT "(" [exprs] ")"            -> method
       | member LBRACKET expr "]"                    -> index
       | member LBRACE [fields] "}"             -> message

?primary: IDENT                                      -> ident
        | "." IDENT                                  -> rooted
        | IDENT "(" [exprs] ")"                      -> function
        | "." IDENT "(" [exprs] ")"                  -> function
        | "(" expr ")"                               -> group
        | LBRACKET [elements] "]"                   -> list
        | LBRACE [entries] "}"                  -> map
        | literal

exprs: expr ("," expr)*
elements: expr ("," expr)* ","?
entries: entry ("," entry)* ","?
entry: expr ":" expr
fields: field ("," field)* ","?
field: (IDENT | QUOTED) ":" expr

!literal: INT | UINT | DOUBLE | STRING | BYTES | TRUE | FALSE | NULL

RELATION: "<=" | ">=" | "==" | "!=" | "<" | ">"
PLUS: "+"
MINUS: "-"
TIMES: "*" | "/" | "%"
NOT: "!"
LBRACKET: "["
LBRACE: "{"

IN.3: /in\b/
TRUE.3: /true\b/
FALSE.3: /false\b/
NULL.3: /null\b/
IDENT: /[_a-zA-Z][_a-zA-Z0-9]*/
QUOTED: /`[_a-zA-Z0-9.\-\/ ]+`/

DOUBLE.3: /[0-9]*\.[0-9]+([eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+/
UINT.2: /(0x[0-9a-fA-F]+|[0-9]+)[uU]/
INT.1: /0x[0-9a-fA-F]+|[0-9]+/

STRING.2: /[rR]('''(?:.|\n)*?'''|\"\"\"(?:.|\n)*?\"\"\"|'[^'\r\n]*'|"[^"\r\n]*")/
        | /'''(?:\\(?:.|\n)|[^\\])*?'''/
        | /\"\"\"(?:\\(?:.|\n)|[^\\])*?\"\"\"/
        | /'(?:\\.|[^'\\\r\n])*'/
        | /"(?:\\.|[^"\\\r\n])*"/
BYTES.2: /([bB][rR]|[rR][bB])('''(?:.|\n)*?'''|\"\"\"(?:.|\n)*?\"\"\"|'[^'\r\n]*'|"[^"\r\n]*")/
       | /[bB]'''(?:\\(?:.|\n)|[^\\])*?'''/
       | /[bB]\"\"\"(?:\\(?:.|\n)|[^\\])*?\"\"\"/
       | /[bB]'(?:\\.|[^'\\\r\n])*'/
       | /[bB]"(?:\\.|[^"\\\r\n])*"/

COMMENT: /\/\/[^\n]*/
%ignore COMMENT
%ignore /[ \t\r\n\f]+/
"""

RESERVED = frozenset(
    [
        "as",
        "break",
        "const",
        "continue",
        "else",
        "for",
        "function",
        "if",
        "import",
        "let",
        "loop",
        "package",
        "namespace",
        "return",
        "var",
        "void",
        "while",
    ]
)
