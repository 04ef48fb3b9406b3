/**
 * JSON schema of a Jupyter notebook in nbformat 4.5, written from the format's public description
 * (https://nbformat.readthedocs.io/en/latest/format_description.html). Stricter than Jupyter in one point:
 * texts must be lists of lines, as this project writes them. That ids are unique is not for a schema to say.
 */
export const nbformatSchema = {
  type: "object",
  additionalProperties: false,
  required: ["metadata", "nbformat", "nbformat_minor", "cells"],
  properties: {
    metadata: { $ref: "#/definitions/notebookMetadata" },
    nbformat: { const: 4 },
    nbformat_minor: { const: 5 },
    cells: { type: "array", items: { $ref: "#/definitions/cell" } },
  },
  definitions: {
    lines: { type: "array", items: { type: "string" } },
    id: { type: "string", pattern: "^[a-zA-Z0-9-_]+$", minLength: 1, maxLength: 64 },
    executionCount: { type: ["integer", "null"], minimum: 0 },
    notebookMetadata: {
      type: "object",
      required: ["kernelspec", "language_info"],
      properties: {
        kernelspec: {
          type: "object",
          required: ["name", "display_name"],
          properties: { name: { type: "string" }, display_name: { type: "string" } },
        },
        language_info: {
          type: "object",
          required: ["name"],
          properties: {
            name: { type: "string" },
            file_extension: { type: "string" },
            mimetype: { type: "string" },
            pygments_lexer: { type: "string" },
            codemirror_mode: { type: ["string", "object"] },
          },
        },
        title: { type: "string" },
        authors: { type: "array" },
      },
    },
    cellMetadata: {
      type: "object",
      properties: {
        name: { type: "string", minLength: 1 },
        collapsed: { type: "boolean" },
        scrolled: { enum: [true, false, "auto"] },
        deletable: { type: "boolean" },
        editable: { type: "boolean" },
        format: { type: "string" },
        jupyter: { type: "object" },
        tags: { type: "array", uniqueItems: true, items: { type: "string", pattern: "^[^,]+$" } },
      },
    },
    cell: {
      type: "object",
      required: ["cell_type"],
      discriminator: { propertyName: "cell_type" },
      oneOf: [
        { $ref: "#/definitions/codeCell" },
        { $ref: "#/definitions/markdownCell" },
        { $ref: "#/definitions/rawCell" },
      ],
    },
    codeCell: {
      type: "object",
      additionalProperties: false,
      required: ["id", "cell_type", "metadata", "source", "outputs", "execution_count"],
      properties: {
        id: { $ref: "#/definitions/id" },
        cell_type: { const: "code" },
        metadata: { $ref: "#/definitions/cellMetadata" },
        source: { $ref: "#/definitions/lines" },
        outputs: { type: "array", items: { $ref: "#/definitions/output" } },
        execution_count: { $ref: "#/definitions/executionCount" },
      },
    },
    markdownCell: {
      type: "object",
      additionalProperties: false,
      required: ["id", "cell_type", "metadata", "source"],
      properties: {
        id: { $ref: "#/definitions/id" },
        cell_type: { const: "markdown" },
        metadata: { $ref: "#/definitions/cellMetadata" },
        source: { $ref: "#/definitions/lines" },
        attachments: { $ref: "#/definitions/attachments" },
      },
    },
    rawCell: {
      type: "object",
      additionalProperties: false,
      required: ["id", "cell_type", "metadata", "source"],
      properties: {
        id: { $ref: "#/definitions/id" },
        cell_type: { const: "raw" },
        metadata: { $ref: "#/definitions/cellMetadata" },
        source: { $ref: "#/definitions/lines" },
        attachments: { $ref: "#/definitions/attachments" },
      },
    },
    attachments: { type: "object", additionalProperties: { $ref: "#/definitions/mimeBundle" } },
    /** JSON types hold any JSON; texts are lists of lines; what is encoded in base64 is one string. */
    mimeBundle: {
      type: "object",
      patternProperties: {
        "^(?!application/(.*\\+)?json$).*$": {
          oneOf: [{ type: "string" }, { $ref: "#/definitions/lines" }],
        },
        "^(text/.*|image/svg\\+xml|application/javascript)$": { $ref: "#/definitions/lines" },
      },
    },
    output: {
      type: "object",
      required: ["output_type"],
      discriminator: { propertyName: "output_type" },
      oneOf: [
        { $ref: "#/definitions/stream" },
        { $ref: "#/definitions/displayData" },
        { $ref: "#/definitions/executeResult" },
        { $ref: "#/definitions/error" },
      ],
    },
    stream: {
      type: "object",
      additionalProperties: false,
      required: ["output_type", "name", "text"],
      properties: {
        output_type: { const: "stream" },
        name: { enum: ["stdout", "stderr"] },
        text: { $ref: "#/definitions/lines" },
      },
    },
    displayData: {
      type: "object",
      additionalProperties: false,
      required: ["output_type", "data", "metadata"],
      properties: {
        output_type: { const: "display_data" },
        data: { $ref: "#/definitions/mimeBundle" },
        metadata: { type: "object" },
      },
    },
    executeResult: {
      type: "object",
      additionalProperties: false,
      required: ["output_type", "data", "metadata", "execution_count"],
      properties: {
        output_type: { const: "execute_result" },
        data: { $ref: "#/definitions/mimeBundle" },
        metadata: { type: "object" },
        execution_count: { $ref: "#/definitions/executionCount" },
      },
    },
    error: {
      type: "object",
      additionalProperties: false,
      required: ["output_type", "ename", "evalue", "traceback"],
      properties: {
        output_type: { const: "error" },
        ename: { type: "string" },
        evalue: { type: "string" },
        traceback: { $ref: "#/definitions/lines" },
      },
    },
  },
} as const;
