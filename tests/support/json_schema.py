"""The part of JSON Schema that our own schema uses; an unknown keyword is an error, not a pass."""

KNOWN = {'$schema', '$defs', '$ref', 'title', 'description', 'type', 'required', 'properties',
         'additionalProperties', 'items', 'enum', 'const', 'minimum', 'maximum', 'maxItems'}
TYPES = {'object': dict, 'array': list, 'string': str, 'boolean': bool, 'null': type(None)}


def is_type(value, name):
    if name in ('integer', 'number'):
        is_whole = isinstance(value, int) or isinstance(value, float) and value.is_integer()
        return not isinstance(value, bool) and (
            is_whole if name == 'integer' else isinstance(value, (int, float)))
    return isinstance(value, TYPES[name])


def same(a, b):
    return a == b and isinstance(a, bool) == isinstance(b, bool)


def complaints(value, schema, root=None, path='$'):
    """Every violation as text; an empty list when the value is valid."""
    root = root or schema
    unknown = set(schema) - KNOWN
    assert not unknown, f'the validator does not know {unknown}'
    if '$ref' in schema:
        target = root
        for part in schema['$ref'].removeprefix('#/').split('/'):
            target = target[part]
        return complaints(value, target, root, path)
    found = []
    if 'const' in schema and not same(value, schema['const']):
        found.append(f'{path}: {value!r} is not {schema["const"]!r}')
    if 'enum' in schema and not any(same(value, one) for one in schema['enum']):
        found.append(f'{path}: {value!r} is none of {schema["enum"]}')
    types = schema.get('type', [])
    types = [types] if isinstance(types, str) else types
    if types and not any(is_type(value, name) for name in types):
        return found + [f'{path}: {value!r} is no {"/".join(types)}']
    if is_type(value, 'number'):
        if value < schema.get('minimum', value):
            found.append(f'{path}: {value} is below {schema["minimum"]}')
        if value > schema.get('maximum', value):
            found.append(f'{path}: {value} is above {schema["maximum"]}')
    if isinstance(value, list):
        if len(value) > schema.get('maxItems', len(value)):
            found.append(f'{path}: more than {schema["maxItems"]} items')
        for i, item in enumerate(value):
            found += complaints(item, schema.get('items', {}), root, f'{path}[{i}]')
    if isinstance(value, dict):
        found += members(value, schema, root, path)
    return found


def members(value, schema, root, path):
    known = schema.get('properties', {})
    others = schema.get('additionalProperties', {})
    found = [f'{path}: {key} is missing' for key in schema.get('required', []) if key not in value]
    for key, member in value.items():
        if key in known:
            found += complaints(member, known[key], root, f'{path}.{key}')
        elif others is False:
            found.append(f'{path}: {key} is unknown')
        else:
            found += complaints(member, others, root, f'{path}.{key}')
    return found
