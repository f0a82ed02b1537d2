/*
 * Reading and checking certificates: no byte may be left over, and none is passed over but those of
 * the nonce, of extensions and of the reserved field, which are signed all the same.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/ssh_certificate.h"

#include <stdio.h>
#include <string.h>

#include "common/escape.h"
#include "helper/instant.h"
#include "helper/ssh_signature.h"

#define KIND_USER 1
#define LAST_END  INT64_C(253402300799) /* the end of the year 9999: what ends later does not */

/* Types of certificates, and of the keys that are certified. */
static const struct {
    const char *type;
    const char *key;
} kinds[] = {
    {"ssh-ed25519-cert-v01@openssh.com", "ssh-ed25519"},
    {"ecdsa-sha2-nistp256-cert-v01@openssh.com", "ecdsa-sha2-nistp256"},
    {"ecdsa-sha2-nistp384-cert-v01@openssh.com", "ecdsa-sha2-nistp384"},
    {"ecdsa-sha2-nistp521-cert-v01@openssh.com", "ecdsa-sha2-nistp521"},
    {"ssh-rsa-cert-v01@openssh.com", "ssh-rsa"},
    {"sk-ssh-ed25519-cert-v01@openssh.com", "sk-ssh-ed25519@openssh.com"},
    {"sk-ecdsa-sha2-nistp256-cert-v01@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com"},
};

/* Critical options, and whether each has a value. */
static const struct {
    const char *name;
    bool has_value;
} options[] = {{"force-command", true}, {"source-address", true}, {"verify-required", false}};

bool ssh_certificate_is(const char *type)
{
    return strstr(type, "-cert-v") != NULL;
}

/*
 * Whether the authority's key is in its one form. Of a type that is not known here it cannot be
 * that of a [ca].
 */
static bool is_in_form(struct ssh_bytes authority)
{
    char type[64];
    struct ssh_bytes name;

    if (!ssh_take_string(&authority, &name) || name.length == 0)
        return false;
    snprintf(type, sizeof type, "%.*s", (int)(name.length < sizeof type ? name.length : 0),
             (const char *)name.bytes);
    if (!ssh_is_text(name, type) || !ssh_knows_key(type))
        return true;
    return ssh_take_key_body(&authority, type) && authority.length == 0;
}

/* Takes what follows the certified key. */
static bool take_fields(struct ssh_bytes *rest, struct ssh_certificate *certificate)
{
    struct ssh_bytes reserved;

    return ssh_take_u64(rest, &certificate->serial) && ssh_take_u32(rest, &certificate->kind) &&
           ssh_take_string(rest, &certificate->key_id) &&
           ssh_take_string(rest, &certificate->principals) &&
           ssh_take_u64(rest, &certificate->valid_after) &&
           ssh_take_u64(rest, &certificate->valid_before) &&
           ssh_take_string(rest, &certificate->critical_options) &&
           ssh_take_string(rest, &certificate->extensions) && ssh_take_string(rest, &reserved) &&
           ssh_take_string(rest, &certificate->authority);
}

const char *ssh_certificate_read(const char *type, struct ssh_bytes bytes,
                                 struct ssh_certificate *certificate)
{
    struct ssh_bytes rest = bytes, part;
    const char *key = NULL;
    size_t i;

    for (i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (strcmp(kinds[i].type, type) == 0)
            key = kinds[i].key;
    if (key == NULL)
        return "it is of a type that is not known here";
    if (!ssh_take_string(&rest, &part) || !ssh_is_text(part, type))
        return "its bytes are of another type than the one that stands before them";
    /* The nonce, and the certified key. */
    if (!ssh_take_string(&rest, &part) || !ssh_take_key_body(&rest, key) ||
        !take_fields(&rest, certificate))
        return "it is garbled";
    certificate->text = (struct ssh_bytes){bytes.bytes, bytes.length - rest.length};
    if (!ssh_take_string(&rest, &certificate->signature) || rest.length != 0 ||
        !is_in_form(certificate->authority))
        return "it is garbled";
    return NULL;
}

/* Whether bytes are a text of one line. */
static bool is_line(struct ssh_bytes bytes)
{
    size_t i;

    for (i = 0; i < bytes.length; i++)
        if (bytes.bytes[i] < 0x20 || bytes.bytes[i] == 0x7f)
            return false;
    return true;
}

/* Whether one is before the other, byte by byte. */
static bool is_before(struct ssh_bytes one, struct ssh_bytes other)
{
    size_t shorter = one.length < other.length ? one.length : other.length;
    int order = shorter > 0 ? memcmp(one.bytes, other.bytes, shorter) : 0;

    return order < 0 || (order == 0 && one.length < other.length);
}

/* Whether the value of a critical option is one string, or nothing where it has none. */
static bool is_option_value(struct ssh_bytes value, bool has_value)
{
    struct ssh_bytes text;

    if (!has_value)
        return value.length == 0;
    return ssh_take_string(&value, &text) && value.length == 0;
}

static bool check_option(struct ssh_bytes name, struct ssh_bytes value, char *why, size_t why_size)
{
    char text[128], shown[ESCAPE_MAX];
    size_t i;

    for (i = 0; i < sizeof options / sizeof options[0]; i++) {
        if (!ssh_is_text(name, options[i].name))
            continue;
        if (is_option_value(value, options[i].has_value))
            return true;
        snprintf(why, why_size, "its critical option %s is garbled", options[i].name);
        return false;
    }
    snprintf(text, sizeof text, "%.*s", (int)(name.length < 100 ? name.length : 100),
             (const char *)name.bytes);
    snprintf(why, why_size, "its critical option \"%s\" is not known here",
             escape(shown, sizeof shown, text));
    return false;
}

/* Critical options are in the order of their names, each once. */
static bool check_options(struct ssh_bytes rest, char *why, size_t why_size)
{
    struct ssh_bytes name, value, before = {NULL, 0};

    while (rest.length > 0) {
        if (!ssh_take_string(&rest, &name) || !ssh_take_string(&rest, &value) ||
            !is_before(before, name)) {
            snprintf(why, why_size, "its critical options are garbled");
            return false;
        }
        if (!check_option(name, value, why, why_size))
            return false;
        before = name;
    }
    return true;
}

/* Extensions give, and so may be unknown; but pairs of strings they are. */
static bool are_pairs(struct ssh_bytes rest)
{
    struct ssh_bytes name, value;

    while (rest.length > 0)
        if (!ssh_take_string(&rest, &name) || !ssh_take_string(&rest, &value))
            return false;
    return true;
}

static bool check_validity(const struct ssh_certificate *certificate, time_t now, char *why,
                           size_t why_size)
{
    char instant[INSTANT_SIZE];

    if (now < 0 || (uint64_t)now < certificate->valid_after) {
        snprintf(why, why_size, "it is not valid yet: is this host's clock right?");
        return false;
    }
    if ((uint64_t)now < certificate->valid_before)
        return true;
    snprintf(why, why_size, "it was valid until %s",
             instant_text(instant, (time_t)certificate->valid_before));
    return false;
}

/* Adds a name to the list. Returns false without memory, which the arena remembers. */
static bool add_name(struct arena *memory, struct texts *names, struct ssh_bytes name)
{
    return texts_add(memory, names, arena_text(memory, (const char *)name.bytes, name.length));
}

static bool read_names(const struct ssh_certificate *certificate, struct arena *memory,
                       struct ssh_names *names, char *why, size_t why_size)
{
    struct ssh_bytes rest = certificate->principals, name;

    if (certificate->key_id.length + rest.length > SSH_CERTIFICATE_NAMES_MAX) {
        snprintf(why, why_size, "its key id and principals have more than %zu bytes",
                 SSH_CERTIFICATE_NAMES_MAX);
        return false;
    }
    if (!is_line(certificate->key_id)) {
        snprintf(why, why_size, "its key id holds control characters");
        return false;
    }
    names->key_id =
        arena_text(memory, (const char *)certificate->key_id.bytes, certificate->key_id.length);
    while (rest.length > 0 && !memory->exhausted) {
        if (!ssh_take_string(&rest, &name) || name.length == 0 || !is_line(name)) {
            snprintf(why, why_size, "its principals are garbled");
            return false;
        }
        add_name(memory, &names->principals, name);
    }
    if (memory->exhausted)
        snprintf(why, why_size, "there is no memory to read it");
    return !memory->exhausted;
}

bool ssh_certificate_check(const struct ssh_certificate *certificate, time_t now,
                           struct arena *memory, struct ssh_names *names, char *why,
                           size_t why_size)
{
    const char *fault;

    memset(names, 0, sizeof *names);
    fault = ssh_signature_fault(certificate->authority, certificate->signature, certificate->text);
    if (fault == NULL && certificate->kind != KIND_USER)
        fault = "it is for no user";
    if (fault == NULL && !are_pairs(certificate->extensions))
        fault = "its extensions are garbled";
    if (fault != NULL) {
        snprintf(why, why_size, "%s", fault);
        return false;
    }
    if (!check_validity(certificate, now, why, why_size) ||
        !check_options(certificate->critical_options, why, why_size) ||
        !read_names(certificate, memory, names, why, why_size))
        return false;
    if (certificate->valid_before <= (uint64_t)LAST_END)
        names->ends = (time_t)certificate->valid_before;
    return true;
}
