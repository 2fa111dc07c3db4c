// Object identifiers in dotted form, where more than one file needs them. Single constants, since the names of
// an object's fields would survive minification.
export const DATA = '1.2.840.113549.1.7.1';
export const SIGNED_DATA = '1.2.840.113549.1.7.2';
export const CONTENT_TYPE = '1.2.840.113549.1.9.3';
export const MESSAGE_DIGEST = '1.2.840.113549.1.9.4';
export const SIGNING_TIME = '1.2.840.113549.1.9.5';
export const TIMESTAMP_TOKEN = '1.2.840.113549.1.9.16.2.14';
/** Without the last arc also the prefix of the draft log encoding's nine attributes. */
export const LOG_ENTRY = '1.3.6.1.4.1.57264.3.1';
export const SHA256 = '2.16.840.1.101.3.4.2.1';
export const EC_PUBLIC_KEY = '1.2.840.10045.2.1';
export const ECDSA_WITH_SHA256 = '1.2.840.10045.4.3.2';
export const RSA_ENCRYPTION = '1.2.840.113549.1.1.1';
