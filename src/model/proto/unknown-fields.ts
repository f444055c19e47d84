/**
 * Under this key a decoded message holds the encoded fields that its type does not know. They are written again, so that
 * a pipeline of a newer SDK passes through unharmed.
 */
export const UNKNOWN_FIELDS: unique symbol = Symbol('unknown fields');
