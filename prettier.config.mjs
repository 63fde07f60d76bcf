export default { printWidth: 100, trailingComma: "all" };
