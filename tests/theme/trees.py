"""Small document trees for the tests."""


def text(value):
    return {"type": "text", "value": value}


def node(type_, *children, **values):
    children = [text(child) if isinstance(child, str) else child for child in children]
    return {"type": type_, **({"children": children} if children else {}), **values}
